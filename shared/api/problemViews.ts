// What the service says of its problem codes: as data, and as pages for people.
import { rejected } from '../core/errors.ts';
import { explanationOf, pathOfProblem, PROBLEMS } from '../http/problems/table.ts';
import { escaped, page, table } from './page.ts';

export interface ProblemView {
  readonly code: string;
  readonly means: string;
  readonly changed: string;
  readonly next: string;
  readonly self: string;
}

const BY_CODE = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : Number(a > b);

export const problemsView = (): { problems: ProblemView[] } => ({
  problems: Object.entries(PROBLEMS)
    .sort(BY_CODE)
    .map(([code, explained]) => ({ code, ...explained, self: pathOfProblem(code) })),
});

export function problemView(code: string): ProblemView {
  const explained = explanationOf(code);
  if (!explained)
    throw rejected(
      404,
      'ProblemUnknown',
      'No problem has this code. Nothing was changed. GET /api/problems lists all codes.',
    );
  return { code, ...explained, self: pathOfProblem(code) };
}

const ALL = `<p><a href="${pathOfProblem('').replace(/\/$/, '')}">All problem codes</a></p>`;

export const problemsPage = ({ problems }: { readonly problems: readonly ProblemView[] }): string =>
  page(
    'Lifeboat: problem codes',
    `<h1>Problem codes</h1>${table(
      ['code', 'what it means', 'what was changed', 'what to do'],
      problems.map(({ code, means, changed, next }) => [code, means, changed, next]),
      pathOfProblem,
    )}`,
  );

export const problemPage = ({ code, means, changed, next }: ProblemView): string =>
  page(
    `Lifeboat: ${code}`,
    `<h1>${escaped(code)}</h1><h2>What it means</h2><p>${escaped(means)}</p>` +
      `<h2>What was changed</h2><p>${escaped(changed)}</p>` +
      `<h2>What to do</h2><p>${escaped(next)}</p>` +
      '<p>The detail of the problem document says more about your request.</p>' +
      ALL,
  );
