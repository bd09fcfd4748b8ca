// Replaces a generated section of a document between two marks. The render scripts use it.
/** Replaces the text between the marks. Throws when the document has no such marks. */
export function replaceMarkedSection(document: string, mark: string, text: string): string {
  const [openingMark, closingMark] = [`<!-- ${mark} -->\n`, `<!-- /${mark} -->`];
  const [begin, end] = [document.indexOf(openingMark), document.indexOf(closingMark)];
  if (begin < 0 || end < begin)
    throw new Error(
      `The document has no place for the table: ${openingMark.trim()} and ${closingMark} mark it.`,
    );
  return `${document.slice(0, begin + openingMark.length)}${text}\n${document.slice(end)}`;
}
