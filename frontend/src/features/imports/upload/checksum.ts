/** Requests of tus whose body has a checksum. */
import { DefaultHttpStack, type HttpRequest, type HttpStack } from "tus-js-client";

export class ChecksumStack implements HttpStack {
  readonly #plain = new DefaultHttpStack({});

  createRequest(method: string, url: string): HttpRequest {
    const request = this.#plain.createRequest(method, url);
    // Absent on plain http.
    const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
    return method === "PATCH" && subtle ? withChecksum(request, subtle) : request;
  }

  getName(): string {
    return "ChecksumStack";
  }
}

function withChecksum(request: HttpRequest, subtle: SubtleCrypto): HttpRequest {
  const send = request.send.bind(request);
  const abort = request.abort.bind(request);
  let aborted = false;
  request.send = async (body: Blob) => {
    const digest = await subtle.digest("SHA-256", await body.arrayBuffer());
    // As an aborted XMLHttpRequest: it never answers.
    if (aborted) return new Promise(() => undefined);
    request.setHeader("Upload-Checksum", `sha256 ${base64(new Uint8Array(digest))}`);
    return send(body);
  };
  request.abort = () => {
    aborted = true;
    return abort();
  };
  return request;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
