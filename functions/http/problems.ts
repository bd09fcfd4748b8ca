// GET /api/problems and /api/problems/{code}: what each problem code means, as data or as a page.
import type { HttpRequest } from '@azure/functions';
import { PAGE_HEADERS } from '../../shared/api/page.ts';
import { problemPage, problemsPage, problemsView, problemView } from '../../shared/api/problemViews.ts';
import { json, type Answer } from '../../shared/http/problem.ts';

const wantsPage = (request: HttpRequest): boolean =>
  (request.headers.get('accept') ?? '').toLowerCase().includes('text/html');

const answered = <View>(request: HttpRequest, view: View, page: (view: View) => string): Promise<Answer> =>
  Promise.resolve(
    wantsPage(request) ? { status: 200, headers: PAGE_HEADERS, body: page(view) } : json(200, view),
  );

export const listProblems = (request: HttpRequest): Promise<Answer> =>
  answered(request, problemsView(), problemsPage);

export async function readProblem(request: HttpRequest): Promise<Answer> {
  return answered(request, problemView(request.params['code'] ?? ''), problemPage);
}
