/** Names and outputs come from outside: nothing in them may end a line or a cell, or be taken for markup. */
export const escapeMarkdown = (raw: string): string =>
  raw.replace(/[\r\n]+/g, ' ').replace(/[\\|<>`*_[\]]/g, (sign) => `\\${sign}`);
