// Explains the problem codes of the service: as data, and as pages for people. The problem routes
// call this module.
import { rejected } from '../core/errors.ts';
import { problemExplanationOf, problemPathOf, PROBLEMS } from '../http/problems/table.ts';
import { escapeHtml, htmlPage, htmlTable } from './htmlPage.ts';

/** The public explanation of one problem code. */
export interface ProblemView {
  readonly code: string;
  readonly means: string;
  readonly changed: string;
  readonly next: string;
  readonly self: string;
}

const compareCodes = ([first]: readonly [string, unknown], [second]: readonly [string, unknown]): number =>
  first < second ? -1 : Number(first > second);

/** The explanations of all problem codes, sorted by code. */
export const problemsView = (): { problems: ProblemView[] } => ({
  problems: Object.entries(PROBLEMS)
    .sort(compareCodes)
    .map(([code, explanation]) => ({ code, ...explanation, self: problemPathOf(code) })),
});

/** The explanation of one code, or 404 ProblemUnknown. */
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

/** The list of all problem codes as a page. */
export const problemsPage = ({ problems }: { readonly problems: readonly ProblemView[] }): string =>
  htmlPage(
    'Lifeboat: problem codes',
    `<h1>Problem codes</h1>${htmlTable(
      ['code', 'meaning', 'changes', 'what to do'],
      problems.map(({ code, means, changed, next }) => [code, means, changed, next]),
      problemPathOf,
    )}`,
  );

/** The explanation of one code as a page. */
export const problemPage = ({ code, means, changed, next }: ProblemView): string =>
  htmlPage(
    `Lifeboat: ${code}`,
    `<h1>${escapeHtml(code)}</h1><h2>Meaning</h2><p>${escapeHtml(means)}</p>` +
      `<h2>Changes</h2><p>${escapeHtml(changed)}</p>` +
      `<h2>What to do</h2><p>${escapeHtml(next)}</p>` +
      '<p>The message beside the code says more about your case.</p>' +
      ALL_PROBLEMS_LINK,
  );
