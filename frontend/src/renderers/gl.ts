/** The few WebGL2 calls that every program and texture needs. */
import type { Cells } from "../net/planes.ts";
import { NOTHING } from "./shaders.ts";

export type Gl = WebGL2RenderingContext;

export class Program {
  readonly program: WebGLProgram;
  private readonly gl: Gl;
  private readonly locations = new Map<string, WebGLUniformLocation | null>();

  /** Throws with the compiler's words. */
  constructor(gl: Gl, vertex: string, fragment: string) {
    this.gl = gl;
    this.program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) throw new Error("no shader");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`shader: ${gl.getProgramInfoLog(this.program) ?? ""}`);
    }
  }

  at(name: string): WebGLUniformLocation | null {
    let location = this.locations.get(name);
    if (location === undefined) {
      location = this.gl.getUniformLocation(this.program, name);
      this.locations.set(name, location);
    }
    return location;
  }
}

/** A texture that is read cell by cell. */
export function cellTexture(gl: Gl): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
    [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) {
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  }
  return texture;
}

/** Counts keep their own integer type. */
export function uploadCounts(gl: Gl, cells: Cells, width: number, height: number): boolean {
  const format = countFormat(gl, cells);
  if (!format) return false;
  const [internal, type] = format;
  gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, gl.RED_INTEGER, type, cells);
  return true;
}

function countFormat(gl: Gl, cells: Cells): readonly [number, number] | null {
  if (cells instanceof Uint8Array) return [gl.R8UI, gl.UNSIGNED_BYTE];
  if (cells instanceof Uint16Array) return [gl.R16UI, gl.UNSIGNED_SHORT];
  if (cells instanceof Uint32Array) return [gl.R32UI, gl.UNSIGNED_INT];
  return null;
}

/** Everything else becomes float32 for display; `base` keeps large values with small differences apart. */
export function uploadFloats(
  gl: Gl,
  cells: Cells,
  size: readonly [number, number],
  base: number,
  isEmpty: (value: number) => boolean,
): void {
  const out = new Float32Array(cells.length);
  for (let i = 0; i < out.length; i += 1) {
    const value = cells[i] as number;
    out[i] = isEmpty(value) ? NOTHING : value - base;
  }
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, size[0], size[1], 0, gl.RED, gl.FLOAT, out);
}
