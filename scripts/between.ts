// A document of which a part, between two marks, is written by a program.
export function writtenBetween(document: string, mark: string, text: string): string {
  const [before, after] = [`<!-- ${mark} -->\n`, `<!-- /${mark} -->`];
  const [begin, end] = [document.indexOf(before), document.indexOf(after)];
  if (begin < 0 || end < begin)
    throw new Error(`The document has no place for the table: ${before.trim()} and ${after} mark it.`);
  return `${document.slice(0, begin + before.length)}${text}\n${document.slice(end)}`;
}
