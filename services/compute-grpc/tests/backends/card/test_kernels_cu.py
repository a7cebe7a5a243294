"""The kernels compile for every GPU that we name, without warnings, and keep everything in registers."""

import pytest
from compute_rig.nvrtc import ARCHITECTURES, Compiled, NotCompiledError, Taken, compiled, ptx_of, table
from halftone_compute.backends.card.kernels_cu import OPTIONS, source

VALUES = ("f32", "f64", "i32", "i64", "u64")
KERNELS = {
    "count",
    "categories",
    *(f"{sink}_{value}" for sink in ("total", "extreme", "squares", "outermost", "chosen") for value in VALUES),
    *(f"whole_{value}" for value in VALUES[2:]),
    *(f"{step}_{value}" for step in ("bounds", "quantise") for value in VALUES[:2]),
}
# With these a multiprocessor of 65,536 registers still holds 1,024 threads.
REGISTERS = 64


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_kernels_compile_for(architecture: int) -> None:
    found = compiled(source(), architecture)
    assert not found.warnings
    assert set(found.kernels) == KERNELS
    assert {name: (taken.stack, taken.spilled) for name, taken in found.kernels.items()} == dict.fromkeys(
        KERNELS, (0, 0)
    )
    assert max(taken.registers for taken in found.kernels.values()) <= REGISTERS


def test_broken_cuda_is_found() -> None:
    with pytest.raises(NotCompiledError, match='identifier "sixteen" is undefined'):
        compiled('extern "C" __global__ void broken(int *at) { *at = sixteen; }', 90)


def test_a_warning_is_found() -> None:
    found = compiled('extern "C" __global__ void careless(int *at) { int unused; *at = 1; }', 90)
    assert "unused" in found.warnings[0]


def test_what_spills_is_found() -> None:
    source = 'extern "C" __global__ void spills(int *at, int i) { int many[64]; many[at[0]] = i; at[1] = many[i]; }'
    assert compiled(source, 90).kernels["spills"].stack >= 256


def test_shared_memory_is_told() -> None:
    source = (
        'extern "C" __global__ void shares(int *at) { __shared__ int all[64]; all[at[0]] = 1; at[1] = all[at[2]]; }'
    )
    assert compiled(source, 90).kernels["shares"].shared == 256


def test_the_table_has_a_line_for_each_kernel() -> None:
    found = {70: Compiled({"count": Taken(30, 0, 0, 0)}, ()), 90: Compiled({"count": Taken(31, 256, 8, 4)}, ())}
    assert [line.split() for line in table(found).splitlines()] == [
        ["registers", "sm_70", "sm_90"],
        ["count", "30", "31+256s!12"],
    ]


def test_no_number_is_flushed_and_no_rounding_left_out() -> None:
    """Either moves rows to other cells than Datashader's."""
    for options, is_exact in ((OPTIONS, True), (("--ftz=true", "--fmad=true"), False)):
        ptx = ptx_of(source(), *options)
        assert (".ftz" not in ptx, "fma.rn" not in ptx) == (is_exact, is_exact)
