// A page for people without scripts or anything from elsewhere.

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'public, max-age=300',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

const STYLE =
  'body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}' +
  'table{border-collapse:collapse}' +
  'td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left;vertical-align:top}';

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The cells are text; `link` makes an address of the first cell of a row. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  link?: (cell: string) => string,
): string {
  const head = heads.map((one) => `<th scope="col">${escaped(one)}</th>`).join('');
  const cell = (text: string, at: number): string =>
    link && at === 0 ? `<a href="${escaped(link(text))}">${escaped(text)}</a>` : escaped(text);
  const body = rows
    .map((row) => `<tr>${row.map((text, at) => `<td>${cell(text, at)}</td>`).join('')}</tr>`)
    .join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

export const page = (title: string, body: string): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  `<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>\n` +
  `<style>${STYLE}</style></head>\n<body>${body}</body></html>`;
