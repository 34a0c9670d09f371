# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT: the record that models/common/module_sources.hpp reads, of FILES relative to FOLDER, of TARGET, of
# BUILD, the path of the build folder relative to the module's, and of what the file VERSION holds.
file(READ ${VERSION} version)
string(CONCAT text "version ${version}" "target ${TARGET}\n" "build ${BUILD}\n")
foreach(file ${FILES})
  file(SHA256 ${file} hash)
  file(RELATIVE_PATH relative ${FOLDER} ${file})
  string(APPEND text "source ${relative} ${hash}\n")
endforeach()
file(WRITE ${OUTPUT} "// Written by ttx_add_model().
extern \"C\" __attribute__((visibility(\"default\"))) const char* ttx_module_sources();
const char* ttx_module_sources() {
  return R\"ttx(${text})ttx\";
}
")
