// POST /api/v1/jobs/{id}/...: people pause, resume, cancel, retry or take over a job, and answer its questions.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { jobAddress, jobView } from '../../shared/api/views.ts';
import { parse } from '../../shared/core/parse.ts';
import { kick } from '../../shared/delivery/relay.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { answer, AnswerWish, ApprovalWish, approveOrRefuse } from '../../shared/jobs/answers.ts';
import * as control from '../../shared/jobs/control.ts';
import { readControl } from '../../shared/journal/control.ts';
import type { ControlDocument, JobDocument } from '../../shared/journal/documents.ts';
import { wakeOrchestration } from '../orchestrations.ts';
import { startOrLeaveToSweep } from '../startOrchestration.ts';
import { bodyOf, pathPart } from './input.ts';

const idOf = (request: HttpRequest): string => pathPart(request, 'id');

/** A reason may be left out, and the whole body with it. */
const optionalReason = async (request: HttpRequest): Promise<string | undefined> =>
  parse(control.MaybeWhy, await bodyOf(request, {}), 'The body').reason;

const requiredReason = async (request: HttpRequest): Promise<string> =>
  parse(control.Why, await bodyOf(request), 'The body').reason;

const answerWith = async (job: JobDocument, status: number): Promise<Answer> =>
  json(status, jobView(job, await readControl(job.jobId)), { location: jobAddress(job.jobId) });

/** The control of the job has changed, and events of the job may wait. */
function controlled(job: JobDocument, status = 200): Promise<Answer> {
  kick(job.jobId);
  return answerWith(job, status);
}

async function steer(
  wish: ControlDocument['wish'],
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const job = await control.steer(idOf(request), wish, caller, await optionalReason(request));
  await wakeOrchestration(context, job);
  return controlled(job);
}

export async function pauseJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  return steer('paused', request, caller, context);
}

export async function resumeJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  return steer('running', request, caller, context);
}

export async function cancelJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  return steer('cancelled', request, caller, context);
}

export async function skipStep(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const step = parse(control.Skip, await bodyOf(request), 'The body');
  const job = await control.skip(idOf(request), step, caller);
  await wakeOrchestration(context, job);
  return controlled(job);
}

export async function declareSourceLost(request: HttpRequest, caller: Caller): Promise<Answer> {
  return controlled(await control.loseSource(idOf(request), caller, await requiredReason(request)));
}

export async function retryJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const job = await control.retry(idOf(request), caller, await optionalReason(request));
  await startOrLeaveToSweep(context, job);
  return controlled(job, 202);
}

export async function takeOverJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const job = await control.takeOver(idOf(request), caller, await requiredReason(request));
  await startOrLeaveToSweep(context, job);
  return controlled(job, 202);
}

export async function answerJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const wish = parse(AnswerWish, await bodyOf(request), 'The body');
  const job = await answer(idOf(request), wish, caller);
  await wakeOrchestration(context, job);
  return answerWith(job, 200);
}

export async function approveJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const wish = parse(ApprovalWish, await bodyOf(request), 'The body');
  const job = await approveOrRefuse(idOf(request), wish, caller);
  await wakeOrchestration(context, job);
  return answerWith(job, 200);
}
