// The requests that documents show.
/** A request as a document shows it. */
export interface DocumentedRequest {
  readonly line: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: string;
  readonly body: string;
}

export const requestOf = (
  method: string,
  address: string,
  headers: string,
  body: string,
): DocumentedRequest => ({
  line: `${method} ${address}`,
  method,
  url: new URL(address, 'https://lifeboat.example'),
  headers,
  body: body.trim(),
});

/** The requests in the `http` blocks of a document. */
export const httpBlocks = (text: string): DocumentedRequest[] =>
  [...text.matchAll(/```http\n([A-Z]+) (\S+)\n(.*?)```/gs)].map(
    ([, method = '', address = '', rest = '']) => {
      const [headers = '', ...body] = `\n${rest}`.split('\n\n');
      return requestOf(method, address, headers, body.join('\n\n'));
    },
  );
