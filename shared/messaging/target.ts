// Who is told: the topic, when there is one, and the call-back addresses that are for the caller's jobs.
import { config } from '../config.ts';
import { callbacksFor, readCallback } from '../store/callbacks.ts';
import { readJob } from '../store/jobs.ts';
import { callbackTarget } from './callback.ts';
import type { CloudEvent } from './cloudEvent.ts';
import { TOPIC_TARGET, topicTarget } from './topic.ts';

export type Delivered =
  | { readonly delivered: true }
  | { readonly delivered: false; readonly why: string; readonly retryAfterSeconds: number | null };

export interface Target {
  /** Tells one event, and sends nothing after that moment (wall time): somebody else may tell it by then. Never throws: a failure is an answer too. */
  deliver(event: CloudEvent, notAfter: number): Promise<Delivered>;
}

/** Told once for each job, when it has its first news: who comes later hears of later jobs. */
export async function targetsOf(jobId: string): Promise<string[]> {
  const job = await readJob(jobId);
  const callbacks = job ? await callbacksFor(job.caller.id) : [];
  return [...(config().LIFEBOAT_SERVICEBUS === undefined ? [] : [TOPIC_TARGET]), ...callbacks.map(({ id }) => id).sort()];
}

/** Undefined when it is not there any more. */
export async function targetNamed(name: string): Promise<Target | undefined> {
  if (name === TOPIC_TARGET) return config().LIFEBOAT_SERVICEBUS === undefined ? undefined : topicTarget();
  const callback = await readCallback(name);
  return callback && callbackTarget(callback);
}
