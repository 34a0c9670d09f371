# SPDX-License-Identifier: Apache-2.0
# Writes TEXT, the version of the interface between programs and modules, a hash of the public HEADERS (below ROOT), and
# SOURCE, which makes it module_version() of models/common/module_sources.hpp.
set(all "")
foreach(header ${HEADERS})
  file(SHA256 ${ROOT}/${header} hash)
  string(APPEND all "${header} ${hash}\n")
endforeach()
string(SHA256 version "${all}")
file(WRITE ${TEXT} "${version}\n")
file(WRITE ${SOURCE} "// Written by the build.
#include \"models/common/module_sources.hpp\"

std::string_view ttx::module_version() { return \"${version}\"; }
")
