"""The kernels compile for the oldest and the newest GPU that we name, without warnings, and keep all in registers.

`make gpu-test` compiles them for all.
"""

import pytest
from compute_rig.nvrtc import OUTERMOST, Compiled, NotCompiledError, Taken, compiled, ptx_of, table
from halftone_compute.backends.card.kernels_cu import OPTIONS, source

SINKS = ("total", "extreme", "squares", "outermost", "chosen", "foremost", "picked")
VALUES = ("f32", "f64", "i32", "i64", "u64")
KERNELS = {
    "count",
    "categories",
    *(f"{sink}_{value}" for sink in SINKS for value in VALUES),
    *(f"whole_{value}" for value in VALUES[2:]),
    *(f"{step}_{value}" for step in ("bounds", "quantise") for value in VALUES[:2]),
}
# With these a multiprocessor of 65,536 registers still holds 1,024 threads.
REGISTERS = 64


@pytest.mark.parametrize("architecture", OUTERMOST)
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


def test_the_kernels_ask_for_no_architecture() -> None:
    """What compiles for the outermost ones compiles for those between."""
    assert "__CUDA_ARCH" not in source()


def test_no_number_is_flushed_and_no_rounding_left_out() -> None:
    """Either moves rows to other cells than Datashader's."""
    assert _is_exact(ptx_of(source(), *OPTIONS))
    careless = 'extern "C" __global__ void scale(float *at) { *at = *at / 3.0f * at[1] + at[2]; }'
    assert _is_exact(ptx_of(careless, *OPTIONS))
    assert not _is_exact(ptx_of(careless, "--ftz=true"))
    assert not _is_exact(ptx_of(careless, "--fmad=true", "--ftz=false"))


def _is_exact(ptx: str) -> bool:
    return ".ftz" not in ptx and "fma.rn" not in ptx
