// GET /api/v1/jobs/{id}/report: the proof of a drill, as JSON, or as a text to be printed.
import { markdownOf } from '../../shared/plans/rules/drillReport.ts';
import { json } from '../../shared/http/problem.ts';
import { reportOfJob } from '../../shared/runs/report.ts';
import { door } from './door.ts';

door('readReport', 'GET /api/v1/jobs/{id}/report', async (request) => {
  const report = await reportOfJob(request.params['id'] ?? '');
  if (!request.headers.get('accept')?.includes('text/markdown')) return json(200, report);
  return { ...json(200, null, { 'content-type': 'text/markdown; charset=utf-8' }), body: markdownOf(report) };
});
