// POST /api/v1/jobs/{id}/...: people pause, resume, cancel, retry or take over a job, and answer its questions.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { jobPath, jobView } from '../../shared/api/views.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { AnswerRequest } from '../../shared/delivery/answerRequest.ts';
import { startDelivery } from '../../shared/delivery/relay.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { answerQuestion } from '../../shared/jobs/answerQuestion.ts';
import * as control from '../../shared/jobs/controlJob.ts';
import { readControl } from '../../shared/journal/control.ts';
import type { ControlDocument, JobDocument } from '../../shared/journal/documents.ts';
import { wakeOrchestration, type OrchestrationContext } from '../orchestrations.ts';
import { startOrLeaveToSweep } from '../startOrchestration.ts';
import { bodyOf, pathPart } from './input.ts';

const idOf = (request: HttpRequest): string => pathPart(request, 'id');

/** The reason is optional, and so is the whole body. */
const optionalReason = async (request: HttpRequest): Promise<string | undefined> =>
  parseInput(control.OptionalReason, await bodyOf(request, {}), 'The body').reason;

const requiredReason = async (request: HttpRequest): Promise<string> =>
  parseInput(control.RequiredReason, await bodyOf(request), 'The body').reason;

const answerWith = async (job: JobDocument, status: number): Promise<HttpAnswer> =>
  jsonAnswer(status, jobView(job, await readControl(job.jobId)), { location: jobPath(job.jobId) });

/** The control of the job has changed, and events of the job may wait. */
function answerAndDeliver(job: JobDocument, status = 200): Promise<HttpAnswer> {
  startDelivery(job.jobId);
  return answerWith(job, status);
}

async function setControlState(
  wanted: ControlDocument['wish'],
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const job = await control.setControlState(idOf(request), wanted, caller, await optionalReason(request));
  await wakeOrchestration(context, job);
  return answerAndDeliver(job);
}

export async function pauseJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  return setControlState('paused', request, caller, context);
}

export async function resumeJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  return setControlState('running', request, caller, context);
}

export async function cancelJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  return setControlState('cancelled', request, caller, context);
}

export async function skipStep(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const step = parseInput(control.SkipRequest, await bodyOf(request), 'The body');
  const job = await control.skipOpenSteps(idOf(request), step, caller);
  await wakeOrchestration(context, job);
  return answerAndDeliver(job);
}

export async function declareSourceLost(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  return answerAndDeliver(
    await control.recordSourceLost(idOf(request), caller, await requiredReason(request)),
  );
}

export async function retryJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const job = await control.retry(idOf(request), caller, await optionalReason(request));
  await startOrLeaveToSweep(context, job);
  return answerAndDeliver(job, 202);
}

export async function takeOverJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const job = await control.takeOver(idOf(request), caller, await requiredReason(request));
  await startOrLeaveToSweep(context, job);
  return answerAndDeliver(job, 202);
}

export async function answerJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const answerRequest = parseInput(AnswerRequest, await bodyOf(request), 'The body');
  const job = await answerQuestion(idOf(request), answerRequest, caller);
  await wakeOrchestration(context, job);
  return answerWith(job, 200);
}
