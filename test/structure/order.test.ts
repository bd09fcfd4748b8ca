// Tests of one file pass in any order: no test uses a variable that only another test sets. A file
// that tells a story is the exception, because its tests play the earlier ones first.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..', '..');
const OUTSIDE = -1;

/** A mention of a variable: in which test, or outside of all tests. */
interface Mention {
  readonly name: string;
  readonly place: number;
  readonly isAssigned: boolean;
}

const isCallOf = (node: ts.Node, name: RegExp): node is ts.CallExpression =>
  ts.isCallExpression(node) && name.test(node.expression.getText());
const isFunction = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node);
const isOfDescribe = (node: ts.Node): boolean => isCallOf(node.parent, /^describe\b/);
const isPropertyName = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent)) &&
  node.parent.name === node;

function isAssigned(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    const isAssignment = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return isAssignment && parent.left === node;
  }
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(parent.operator);
  const isPattern =
    ts.isArrayLiteralExpression(parent) ||
    ts.isObjectLiteralExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isShorthandPropertyAssignment(parent);
  return isPattern && isAssigned(parent);
}

/** The variables of the file that only tests set, and that another test or function mentions. */
function findSharedVariables(text: string): string[] {
  const source = ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest, true);
  const variables = new Set<string>();
  const mentions: Mention[] = [];
  const visit = (node: ts.Node, place: number, isInFunction: boolean): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      if (!isInFunction && (node.parent.flags & ts.NodeFlags.Let) !== 0) variables.add(node.name.text);
      if (node.initializer) visit(node.initializer, place, isInFunction);
      return;
    }
    if (ts.isIdentifier(node) && !isPropertyName(node))
      mentions.push({ name: node.text, place, isAssigned: isAssigned(node) });
    const isTest = isCallOf(node, /^(test|it|step)\b/);
    ts.forEachChild(node, (child) =>
      visit(child, isTest ? node.pos : place, isInFunction || (isFunction(node) && !isOfDescribe(node))),
    );
  };
  visit(source, OUTSIDE, false);
  return [...variables].filter((variable) => {
    const own = mentions.filter(({ name }) => name === variable);
    const setters = new Set(own.filter((mention) => mention.isAssigned).map(({ place }) => place));
    return setters.size > 0 && !setters.has(OUTSIDE) && new Set(own.map(({ place }) => place)).size > 1;
  });
}

const tellsStory = (text: string): boolean => /= story\(\)/.test(text);

test('no test uses a variable that only another test sets, outside of stories', () => {
  const files = globSync(['test/**/*.test.ts', 'simulator/test/**/*.test.ts'], { cwd: ROOT });
  expect(files.length).toBeGreaterThan(200);
  expect(
    files.flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return tellsStory(text) ? [] : findSharedVariables(text).map((name) => `${file}: ${name}`);
    }),
  ).toEqual([]);
});

test.each([
  ['let id = ""; test("a", () => { id = make(); }); test("b", () => { use(id); });', ['id']],
  ['let kills = 0; test("a", () => { kills += 1; }); test("b", () => expect(kills).toBe(1));', ['kills']],
  ['let a, b; test.each([1])("a", () => { [a, b] = make(); }); it("b", () => use(b));', ['b']],
  ['describe("x", () => { let n = 0; test("a", () => { n++; }); test("b", () => use(n)); });', ['n']],
])('the check finds the shared variable in %s', (text, names) => {
  expect(findSharedVariables(text)).toEqual(names);
});

test.each([
  'let host; beforeAll(() => { host = start(); }); test("a", () => { host = again(); }); test("b", () => use(host));',
  'let next = 0; const take = () => next++; test("a", () => take()); test("b", () => take());',
  'test("a", () => { let id = 1; id = 2; use(id); }); test("b", () => { let id = 3; use({ id }); });',
  'const id = 1; test("a", () => use(id)); test("b", () => use(other.id));',
])('the check accepts %s', (text) => {
  expect(findSharedVariables(text)).toEqual([]);
});
