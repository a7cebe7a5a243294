export const FORMATS = [
  { title: "CSV", endings: ["csv", "csv.gz"] },
  { title: "TSV", endings: ["tsv"] },
  { title: "Parquet", endings: ["parquet", "pq"] },
];

/** An XMLHttpRequest that a test answers. */
export class FakeRequest extends EventTarget {
  static last: FakeRequest | null = null;

  readonly upload = new EventTarget();
  readonly headers = new Headers();
  method = "";
  url = "";
  status = 0;
  responseText = "";
  sent: FormData | null = null;

  static latest(): FakeRequest {
    if (!FakeRequest.last) throw new Error("nothing was sent");
    return FakeRequest.last;
  }

  open(method: string, url: string): void {
    FakeRequest.last = this;
    this.method = method;
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }

  getResponseHeader(): string | null {
    return null;
  }

  send(body: FormData): void {
    this.sent = body;
  }

  abort(): void {
    this.dispatchEvent(new Event("abort"));
  }

  progress(loaded: number, total: number): void {
    this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded, total }));
  }

  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.dispatchEvent(new Event("load"));
  }
}
