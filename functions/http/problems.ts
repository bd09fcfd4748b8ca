// GET /api/problems and /api/problems/{code}: the meaning of each problem code, as data or as a
// page.
import type { HttpRequest } from '@azure/functions';
import { PAGE_HEADERS } from '../../shared/api/htmlPage.ts';
import { problemPage, problemsPage, problemsView, problemView } from '../../shared/api/problemViews.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';

const wantsPage = (request: HttpRequest): boolean =>
  (request.headers.get('accept') ?? '').toLowerCase().includes('text/html');

const pageOrJson = <View>(
  request: HttpRequest,
  view: View,
  page: (view: View) => string,
): Promise<HttpAnswer> =>
  Promise.resolve(
    wantsPage(request) ? { status: 200, headers: PAGE_HEADERS, body: page(view) } : jsonAnswer(200, view),
  );

export const listProblems = (request: HttpRequest): Promise<HttpAnswer> =>
  pageOrJson(request, problemsView(), problemsPage);

export async function readProblem(request: HttpRequest): Promise<HttpAnswer> {
  return pageOrJson(request, problemView(request.params['code'] ?? ''), problemPage);
}
