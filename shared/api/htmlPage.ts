// Builds a simple HTML page for people. The page has no scripts and loads nothing from other
// servers.

/** The headers of every page; they forbid scripts and external content. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'public, max-age=300',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

const PAGE_STYLE =
  'body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}' +
  'table{border-collapse:collapse}' +
  'td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left;vertical-align:top}';

/** Escapes text for HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The cells contain plain text; `link` gives the address for the first cell of a row. */
export function htmlTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  link?: (cell: string) => string,
): string {
  const head = headings.map((heading) => `<th scope="col">${escapeHtml(heading)}</th>`).join('');
  const cell = (text: string, index: number): string =>
    link && index === 0 ? `<a href="${escapeHtml(link(text))}">${escapeHtml(text)}</a>` : escapeHtml(text);
  const body = rows
    .map((row) => `<tr>${row.map((text, index) => `<td>${cell(text, index)}</td>`).join('')}</tr>`)
    .join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

/** A complete page. The body must already be safe HTML. */
export const htmlPage = (title: string, body: string): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  `<meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>\n` +
  `<style>${PAGE_STYLE}</style></head>\n<body>${body}</body></html>`;
