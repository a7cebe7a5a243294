export const FORMATS = [
  { title: "CSV", endings: ["csv", "csv.gz"] },
  { title: "TSV", endings: ["tsv"] },
  { title: "Parquet", endings: ["parquet", "pq"] },
];

/** An XMLHttpRequest before a service that opens the upload up1, of which it has `offset` bytes. A test answers parts. */
export class FakeRequest {
  static all: FakeRequest[] = [];
  static offset = 0;

  readonly upload: { onprogress?: (event: object) => void } = {};
  readonly headers = new Headers();
  onload: () => void = () => undefined;
  onerror: (error: unknown) => void = () => undefined;
  method = "";
  url = "";
  status = 0;
  responseText = "";
  sent: Blob | null = null;
  aborted = false;
  #answer: Record<string, string> = {};

  static reset(): void {
    FakeRequest.all = [];
    FakeRequest.offset = 0;
    localStorage.clear();
  }

  /** The latest part that is on its way. */
  static part(): FakeRequest {
    const part = FakeRequest.of("PATCH").at(-1);
    if (!part) throw new Error("no part was sent");
    return part;
  }

  static of(method: string): FakeRequest[] {
    return FakeRequest.all.filter((request) => request.method === method);
  }

  open(method: string, url: string): void {
    this.method = method;
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }

  getResponseHeader(name: string): string | null {
    return this.#answer[name] ?? null;
  }

  send(body: Blob | null): void {
    this.sent = body;
    FakeRequest.all.push(this);
    const state = { "Upload-Offset": String(FakeRequest.offset), "Upload-Length": "8" };
    if (this.method === "POST") this.answer(201, { Location: "/api/uploads/up1/" });
    if (this.method === "HEAD") this.answer(200, state);
    if (this.method === "DELETE") this.answer(204);
  }

  abort(): void {
    this.aborted = true;
  }

  progress(loaded: number): void {
    this.upload.onprogress?.({ lengthComputable: true, loaded });
  }

  /** The service has the whole part. */
  taken(): void {
    FakeRequest.offset = Number(this.headers.get("Upload-Offset")) + (this.sent?.size ?? 0);
    this.answer(204, { "Upload-Offset": String(FakeRequest.offset) });
  }

  answer(status: number, headers: Record<string, string> = {}, body: unknown = ""): void {
    this.status = status;
    this.#answer = headers;
    this.responseText = JSON.stringify(body);
    this.onload();
  }
}
