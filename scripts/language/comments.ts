// Reads the comments of a TypeScript source. Comments on consecutive lines form one text.
import ts from 'typescript';

/** One comment, or several comments on consecutive lines. */
export interface Comment {
  /** The first line of the comment, counted from 1. */
  readonly line: number;
  readonly text: string;
}

interface Range {
  readonly line: number;
  readonly lastLine: number;
  readonly text: string;
}

const DIRECTIVE = /^(eslint-|@ts-|prettier-)/;

const withoutMarks = (comment: string): string =>
  comment
    .replace(/^\/\*\*?|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*(\/\/+|\*(?!\*))?\s?/, '').trimEnd())
    .join('\n')
    .trim();

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteral(node) ||
  ts.isRegularExpressionLiteral(node) ||
  ts.isNoSubstitutionTemplateLiteral(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node);

/** The source with every text literal blank, because a literal may look like a comment. */
function withoutTexts(source: ts.SourceFile): string {
  let code = '';
  let end = 0;
  const visit = (node: ts.Node): void => {
    if (isText(node)) {
      const start = node.getStart(source);
      code += source.text.slice(end, start) + ' '.repeat(node.end - start);
      end = node.end;
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return code + source.text.slice(end);
}

function rangesOf(source: ts.SourceFile): readonly Range[] {
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  return [...withoutTexts(source).matchAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g)].map(
    ({ 0: { length }, index }) => ({
      line: lineAt(index),
      lastLine: lineAt(index + length),
      text: withoutMarks(source.text.slice(index, index + length)),
    }),
  );
}

/** The comments of a source without directives. */
export function commentsOf(file: string, text: string): readonly Comment[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const joined: Range[] = [];
  for (const range of rangesOf(source)) {
    const last = joined.at(-1);
    if (last?.lastLine === range.line - 1)
      joined[joined.length - 1] = {
        ...last,
        lastLine: range.lastLine,
        text: `${last.text}\n${range.text}`,
      };
    else joined.push(range);
  }
  return joined.filter((comment) => !DIRECTIVE.test(comment.text)).map(({ line, text }) => ({ line, text }));
}
