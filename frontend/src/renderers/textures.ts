/** Textures of pieces; the least recently used are deleted first. */
import { finish, finishKey } from "../model/finishers.ts";
import { growthOf, heldRows, type MarkSize } from "../model/marks.ts";
import { placeColours } from "../model/categories.ts";
import type { Cells, GridPiece } from "../model/piece.ts";
import type { Quantity } from "../model/quantity.ts";
import { CATEGORY_COLOURS } from "./colours.ts";
import { grown } from "./grow.ts";
import { cellTexture, type Gl, texelsOf, uploadTexels } from "./gl.ts";
import { NOTHING } from "./shaders.ts";

/** Textures beyond those of the picture, kept for the way back. */
const SPARE_TEXTURES = 192;

export interface TextureOptions {
  readonly quantity: Quantity;
  /** Subtracted from values before they become float32. */
  readonly base: number;
  /** Multiplied with values, as a power of 2, before they become float32. */
  readonly exponent: number;
  /** Size of the marks of lone cells; null: cells are drawn as they are. */
  readonly mark: MarkSize | null;
}

export interface Uploaded {
  readonly cells: WebGLTexture;
  readonly mix: WebGLTexture | null;
  readonly integers: boolean;
  readonly width: number;
  readonly height: number;
  used: number;
}

/** Texture of one piece, finished and with its marks grown. */
export class PieceTextures {
  private readonly gl: Gl;
  private readonly uploaded = new Map<string, Uploaded>();
  private frame = 0;

  constructor(gl: Gl) {
    this.gl = gl;
  }

  get size(): number {
    return this.uploaded.size;
  }

  /** Begins a frame: what it uses is not deleted before the next one. */
  begin(): void {
    this.frame += 1;
  }

  upload(piece: GridPiece, options: TextureOptions): Uploaded {
    const { x, y } = growthOf(piece, options.mark);
    const key = `${piece.id}/${finishKey(options.quantity)}/${options.base}/${options.exponent}/${x}/${y}`;
    const source = this.uploaded.get(key) ?? createUpload(this.gl, piece, options);
    // Inserted again: the map is in order of use.
    this.uploaded.delete(key);
    this.uploaded.set(key, source);
    source.used = this.frame;
    return source;
  }

  prune(): void {
    let excess = this.uploaded.size - SPARE_TEXTURES;
    for (const [key, source] of this.uploaded) {
      if (excess <= 0 || source.used === this.frame) break;
      this.gl.deleteTexture(source.cells);
      if (source.mix) this.gl.deleteTexture(source.mix);
      this.uploaded.delete(key);
      excess -= 1;
    }
  }

  /** A lost context has taken them. */
  forget(): void {
    this.uploaded.clear();
  }
}

/** Colours that come with the cells; null: they come from the map. */
function coloursOf(piece: GridPiece, cells: Cells, { finisher }: Quantity): Uint8Array<ArrayBuffer> | null {
  if (finisher === "mode") return placeColours(cells, CATEGORY_COLOURS);
  return finisher === "categories" ? piece.mix : null;
}

function createUpload(gl: Gl, piece: GridPiece, options: TextureOptions): Uploaded {
  const { empty } = options.quantity;
  const cells = finish(piece, options.quantity);
  gl.activeTexture(gl.TEXTURE5);
  const texture = cellTexture(gl);
  if (!cells) {
    uploadTexels(gl, new Uint8Array(1), 1, 1);
    return { cells: texture, mix: null, integers: true, width: 1, height: 1, used: 0 };
  }
  const { width, height } = piece;
  const exact = texelsOf(cells, empty, options);
  const integers = !(exact instanceof Float32Array);
  const colours = coloursOf(piece, cells, options.quantity);
  const growth = growthOf(piece, options.mark);
  const rows = heldRows(piece);
  const shown =
    rows && growth.x + growth.y > 0
      ? grown(exact, integers ? 0 : Math.fround(NOTHING), rows, piece, growth, colours)
      : { cells: exact, mix: colours };
  uploadTexels(gl, shown.cells, width, height);
  let mix: WebGLTexture | null = null;
  if (shown.mix) {
    mix = cellTexture(gl);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, shown.mix);
  }
  return { cells: texture, mix, integers, width, height, used: 0 };
}
