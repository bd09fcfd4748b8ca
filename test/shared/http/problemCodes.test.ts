// The table of problem codes contains each code that the product can raise, and no other. The test
// reads the sources as the compiler does.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as ts from 'typescript';
import { ErrorKind, LifeboatError, rejected } from '../../../shared/core/errors.ts';
import { problemExplanationOf, PROBLEMS } from '../../../shared/http/problems/table.ts';
import { problemAnswer } from '../../../shared/http/problem.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** These files describe codes, and do not raise them. */
const DESCRIBED = /^shared[/\\](api[/\\](routes|responses)|http[/\\]problems)[/\\]/;

interface Source {
  readonly file: string;
  readonly tree: ts.SourceFile;
}
const sources: readonly Source[] = ['shared', 'functions', 'orchestrators'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(ROOT, folder, name))
    .filter((path) => !DESCRIBED.test(relative(ROOT, path)))
    .map((path) => ({
      file: relative(ROOT, path),
      tree: ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true),
    })),
);

function* nodesIn(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesIn(child);
}
const all = sources.map((source) => ({ ...source, nodes: [...nodesIn(source.tree)] }));

/** Names of documents that others may change: `mustHaveRead` and similar functions make codes from them. */
const nouns = all.flatMap(({ nodes }) =>
  nodes.flatMap((node) =>
    ts.isPropertyAssignment(node) && node.name.getText() === 'noun' && ts.isStringLiteral(node.initializer)
      ? [node.initializer.text]
      : [],
  ),
);

/** The argument of a call that is the code of a problem document. Undefined: the call raises no problem. */
function codeArgument(node: ts.Node): ts.Expression | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'LifeboatError') return node.arguments?.[2];
  if (!ts.isCallExpression(node)) return undefined;
  const [first, second] = node.arguments;
  switch (node.expression.getText()) {
    case 'transient':
    case 'ambiguous':
      return first;
    case 'rejected':
      // Without a status the call makes the error of a step.
      return node.arguments.length > 2 ? second : undefined;
    default:
      return undefined;
  }
}

/** Undefined: another place has chosen the code, and this place passes the code on. */
function codesOf(code: ts.Expression): readonly string[] | undefined {
  if (ts.isStringLiteralLike(code)) return [code.text];
  if (ts.isTemplateExpression(code) && code.head.text === '' && code.templateSpans.length === 1)
    return nouns.map((noun) => `${noun}${code.templateSpans[0]?.literal.text ?? ''}`);
  if (ts.isConditionalExpression(code)) {
    const [yes, no] = [codesOf(code.whenTrue), codesOf(code.whenFalse)];
    return yes && no && [...yes, ...no];
  }
  return /^([\w.]+\.)?code$/.test(code.getText()) ? undefined : [`unreadable: ${code.getText()}`];
}

const raised = all.flatMap(({ file, nodes }) =>
  nodes.flatMap((node) => {
    const argument = codeArgument(node);
    return argument ? (codesOf(argument) ?? []).map((code) => ({ file, code })) : [];
  }),
);

test('the table contains each code that the product can raise', () => {
  expect(raised.length).toBeGreaterThan(100);
  expect(raised.filter(({ code }) => problemExplanationOf(code) === undefined)).toEqual([]);
});

test('the product uses each code of the table', () => {
  const texts = all.flatMap(({ nodes }) =>
    nodes.flatMap((node) => (ts.isStringLiteralLike(node) ? [node.text] : [])),
  );
  const used = new Set([...texts, ...raised.map(({ code }) => code)]);
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
