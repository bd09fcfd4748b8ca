// POST /api/v1/jobs/{id}/answers and /approvals: what persons say to what a job asks.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { json, type Answer } from '../../shared/http/problem.ts';
import { jobAddress, jobView } from '../../shared/api/views.ts';
import { answer, AnswerWish, ApprovalWish, approveOrRefuse } from '../../shared/jobs/answers.ts';
import { parse } from '../../shared/core/parse.ts';
import { readControl } from '../../shared/journal/control.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import { waking } from '../walks.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

const idOf = (request: HttpRequest): string => request.params['id'] ?? '';

async function told(job: JobDocument, context: InvocationContext): Promise<Answer> {
  await waking(context)(job);
  return json(200, jobView(job, await readControl(job.jobId)), { location: jobAddress(job.jobId) });
}

door('answerJob', 'POST /api/v1/jobs/{id}/answers', async (request, caller, context) =>
  told(await answer(idOf(request), parse(AnswerWish, await bodyOf(request), 'The body'), caller), context),
);

door('approveJob', 'POST /api/v1/jobs/{id}/approvals', async (request, caller, context) =>
  told(
    await approveOrRefuse(idOf(request), parse(ApprovalWish, await bodyOf(request), 'The body'), caller),
    context,
  ),
);
