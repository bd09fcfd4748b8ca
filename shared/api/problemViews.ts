// What the service says of its problem codes: as data, and as pages for people.
import { rejected } from '../core/errors.ts';
import { problemExplanationOf, problemPathOf, PROBLEMS } from '../http/problems/table.ts';
import { escapeHtml, htmlPage, htmlTable } from './htmlPage.ts';

export interface ProblemView {
  readonly code: string;
  readonly means: string;
  readonly changed: string;
  readonly next: string;
  readonly self: string;
}

const compareCodes = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : Number(a > b);

export const problemsView = (): { problems: ProblemView[] } => ({
  problems: Object.entries(PROBLEMS)
    .sort(compareCodes)
    .map(([code, explanation]) => ({ code, ...explanation, self: problemPathOf(code) })),
});

export function problemView(code: string): ProblemView {
  const explanation = problemExplanationOf(code);
  if (!explanation)
    throw rejected(
      404,
      'ProblemUnknown',
      'No problem has this code. Nothing was changed. GET /api/problems lists all codes.',
    );
  return { code, ...explanation, self: problemPathOf(code) };
}

const ALL_PROBLEMS_LINK = `<p><a href="${problemPathOf('').replace(/\/$/, '')}">All problem codes</a></p>`;

export const problemsPage = ({ problems }: { readonly problems: readonly ProblemView[] }): string =>
  htmlPage(
    'Lifeboat: problem codes',
    `<h1>Problem codes</h1>${htmlTable(
      ['code', 'what it means', 'what was changed', 'what to do'],
      problems.map(({ code, means, changed, next }) => [code, means, changed, next]),
      problemPathOf,
    )}`,
  );

export const problemPage = ({ code, means, changed, next }: ProblemView): string =>
  htmlPage(
    `Lifeboat: ${code}`,
    `<h1>${escapeHtml(code)}</h1><h2>What it means</h2><p>${escapeHtml(means)}</p>` +
      `<h2>What was changed</h2><p>${escapeHtml(changed)}</p>` +
      `<h2>What to do</h2><p>${escapeHtml(next)}</p>` +
      '<p>The detail of the problem document says more about your request.</p>' +
      ALL_PROBLEMS_LINK,
  );
