// SPDX-License-Identifier: Apache-2.0
// The text of one instruction set. The including source defines TTX_REFERENCE_ISA, its name. Renaming Eigen's namespace
// keeps apart the templates that the sources compile with different flags: were they one symbol, the linker would keep any
// one of them, and a lesser processor might be given instructions it lacks. For the same reason nothing here may use a
// template or an inline function of the standard library that could be emitted as a symbol (tests/models/reference checks).
#define TTX_JOIN_(a, b) a##b
#define TTX_JOIN(a, b) TTX_JOIN_(a, b)
#define TTX_TEXT_(a) #a
#define TTX_TEXT(a) TTX_TEXT_(a)

#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#define Eigen TTX_JOIN(Eigen_reference_, TTX_REFERENCE_ISA)
#include <Eigen/Core>

#include "models/reference/fp32_math.hpp"

namespace ttx::reference {
namespace TTX_REFERENCE_ISA {
namespace {

using Index = std::int64_t;
using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using StridedMap = Eigen::Map<RowMatrix, Eigen::Unaligned, Eigen::OuterStride<>>;
using ConstStridedMap = Eigen::Map<const RowMatrix, Eigen::Unaligned, Eigen::OuterStride<>>;

#include "models/reference/text/widen.ipp"
#include "models/reference/text/project.ipp"
#include "models/reference/text/rows.ipp"
#include "models/reference/text/activations.ipp"
#include "models/reference/text/attend.ipp"

}  // namespace
}  // namespace TTX_REFERENCE_ISA

const Fp32Math& TTX_JOIN(fp32_math_, TTX_REFERENCE_ISA)() {
  namespace isa = TTX_REFERENCE_ISA;
  static constexpr Fp32Math kMath{TTX_TEXT(TTX_REFERENCE_ISA),
                                  isa::project,
                                  isa::widen,
                                  isa::rms_norm,
                                  isa::rotate,
                                  isa::attend,
                                  isa::activate,
                                  isa::softcap,
                                  isa::multiply,
                                  isa::add};
  return kMath;
}

}  // namespace ttx::reference
