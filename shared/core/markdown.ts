/**
 * Escapes a text for a Markdown table. Names and outputs come from outside: they must not end a
 * line or a cell, or act as markup.
 */
export const escapeMarkdown = (raw: string): string =>
  raw.replace(/[\r\n]+/g, ' ').replace(/[\\|<>`*_[\]]/g, (sign) => `\\${sign}`);
