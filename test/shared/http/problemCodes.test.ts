// The table of problem codes contains each code that a caller can see, and no other. The test reads
// the sources with the compiler, so a new code without a page fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as ts from 'typescript';
import { ErrorKind, LifeboatError, rejected } from '../../../shared/core/errors.ts';
import { problemExplanationOf, PROBLEMS } from '../../../shared/http/problems/table.ts';
import { problemAnswer } from '../../../shared/http/problem.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** These files describe codes, and do not raise them. */
const DESCRIBED = /^shared[/\\](api[/\\](routes|responses)|http[/\\]problems)[/\\]/;

const FILES = ['shared', 'functions', 'orchestrators'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(ROOT, folder, name))
    .filter((path) => !DESCRIBED.test(relative(ROOT, path))),
);
const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')).config,
  ts.sys,
  ROOT,
);
const program = ts.createProgram(FILES, { ...options, incremental: false });
const checker = program.getTypeChecker();

function* nodesIn(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesIn(child);
}
const sources = FILES.flatMap((path) => program.getSourceFile(path) ?? []).map((tree) => ({
  file: relative(ROOT, tree.fileName),
  nodes: [...nodesIn(tree)],
}));

/** Names of documents that others may change: `mustHaveRead` and similar functions make codes from them. */
const nouns = sources.flatMap(({ nodes }) =>
  nodes.flatMap((node) =>
    ts.isPropertyAssignment(node) && node.name.getText() === 'noun' && ts.isStringLiteral(node.initializer)
      ? [node.initializer.text]
      : [],
  ),
);

/** The expressions that a node uses as a code: a field `code`, or an argument for a parameter `code`. */
function codeExpressions(node: ts.Node): readonly ts.Expression[] {
  if (ts.isPropertyAssignment(node)) return node.name.getText() === 'code' ? [node.initializer] : [];
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
  const parameters = checker.getResolvedSignature(node)?.parameters ?? [];
  return (node.arguments ?? []).filter((_, index) => parameters[index]?.name === 'code');
}

/** Another place has chosen these values. Their names end like `code`, or name a readiness check. */
const PASSED_ON = /(^|\W)(code|errorCode|id|text)('\]| \?\? ''\))?$|^(null|'')$/;

function codesOf(code: ts.Expression): readonly string[] {
  if (ts.isConditionalExpression(code)) return [...codesOf(code.whenTrue), ...codesOf(code.whenFalse)];
  if (ts.isParenthesizedExpression(code)) return codesOf(code.expression);
  if (ts.isBinaryExpression(code) && code.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return [...codesOf(code.left), ...codesOf(code.right)];
  if (ts.isTemplateExpression(code) && code.head.text === 'Http') return ['Http404'];
  if (ts.isTemplateExpression(code) && code.head.text === '' && code.templateSpans.length === 1)
    return nouns.map((noun) => `${noun}${code.templateSpans[0]?.literal.text ?? ''}`);
  if (PASSED_ON.test(code.getText())) return [];
  const type = checker.getTypeAtLocation(code);
  const types = type.isUnion() ? type.types : [type];
  return types.map((one) => (one.isStringLiteral() ? one.value : `unreadable: ${code.getText()}`));
}

/** The codes of the schema library have lower case. The ids of readiness checks are codes of warnings. */
const visible = sources.flatMap(({ file, nodes }) =>
  nodes.flatMap((node) =>
    [
      ...codeExpressions(node).flatMap(codesOf),
      ...(ts.isStringLiteral(node) && /^[A-Z]+-\d+$/.test(node.text) ? [node.text] : []),
    ]
      .filter((code) => !/^[a-z]\w*$/.test(code))
      .map((code) => ({ file, code })),
  ),
);

test('each code that a caller can see has a page', () => {
  expect(new Set(visible.map(({ code }) => code)).size).toBeGreaterThan(250);
  expect(visible.filter(({ code }) => problemExplanationOf(code) === undefined)).toEqual([]);
});

test('a code with an HTTP status has a page, and a code of Azure has none', () => {
  expect(problemExplanationOf('Http404')).toBe(PROBLEMS.HttpStatus);
  expect(['Http999', 'AuthorizationFailed', '150097', 'toString'].map(problemExplanationOf)).toEqual(
    Array.from({ length: 4 }),
  );
});

test('a code stands in one table only', () => {
  const folder = join(ROOT, 'shared', 'http', 'problems');
  const names = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^ {2}'?([A-Z][\w-]*)'?: /gm)].map(
      ([, code]) => code,
    ),
  );
  expect(names.filter((code, index) => names.indexOf(code) !== index)).toEqual([]);
  expect(new Set(names)).toEqual(new Set(Object.keys(PROBLEMS)));
});

test('the product uses each code of the table', () => {
  const texts = sources.flatMap(({ nodes }) =>
    nodes.flatMap((node) => (ts.isStringLiteralLike(node) ? [node.text] : [])),
  );
  const used = new Set([...texts, ...visible.map(({ code }) => code), 'HttpStatus']);
  expect(Object.keys(PROBLEMS).filter((code) => !used.has(code))).toEqual([]);
});

test('each explanation has whole sentences of at most 20 words', () => {
  const sentences = Object.entries(PROBLEMS).flatMap(([code, { means, changed, next }]) =>
    [means, changed, next].flatMap((text) =>
      text.split(/(?<=[.])\s+/).map((sentence) => ({ code, sentence })),
    ),
  );
  expect(
    sentences.filter(({ sentence }) => !/^[A-Z].*\.$/.test(sentence) || sentence.split(/\s+/).length > 20),
  ).toEqual([]);
});

const typeOf = (error: unknown): unknown =>
  (JSON.parse(problemAnswer(error, () => undefined).answer.body) as { type: unknown }).type;

test('the type of a problem is a path by default, and a full address when the settings name one', () => {
  const lockedVm = rejected(409, 'VmHeld', 'Held.');
  const before = { ...process.env };
  const broken = new LifeboatError(ErrorKind.needsHuman, 503, 'SettingsInvalid', 'Wrong.');
  expect([typeOf(lockedVm), typeOf(broken), typeOf(new Error('?'))]).toEqual([
    '/api/problems/VmHeld',
    '/api/problems/SettingsInvalid',
    '/api/problems/Unavailable',
  ]);
  try {
    Object.assign(process.env, {
      LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example',
      LIFEBOAT_TENANT_ID: '5d9f3a1e-6b2c-4f70-8a14-9c3e7d2b5f60',
      LIFEBOAT_AUDIENCE: 'a',
      LIFEBOAT_ADDRESS: 'https://lifeboat.example/',
      LIFEBOAT_VAULTS: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
    });
    expect(typeOf(lockedVm)).toBe('https://lifeboat.example/api/problems/VmHeld');
  } finally {
    process.env = before;
  }
});
