// Converts an event of the outbox to a CloudEvent 1.0. The same event always gives the same bytes,
// so that receivers can detect repeats.
import type { EventDocument } from '../outbox/documents.ts';
import { isAlarmStream } from '../core/ids.ts';
import { subjectOfQuestionStream, isDecisionId } from './questionReminderStore.ts';
import { planIdOfRunbookStream } from './runbookStore.ts';

/** An event in the form that receivers get. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /**
   * The extension "sequence". Receivers compare it as text; within one source it counts from 1
   * without holes.
   */
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The content type of a call-back request. */
export const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';
const SEQUENCE_DIGITS = 10;

/** Converts an event of the outbox to a CloudEvent. */
export function toCloudEvent(entry: EventDocument): CloudEvent {
  const { kind, id, source } = eventSourceOf(entry.jobId);
  return {
    specversion: '1.0',
    id: `${entry.jobId}:${entry.number}`,
    source,
    type: entry.news,
    subject: entry.subject,
    time: entry.at,
    datacontenttype: 'application/json',
    sequence: String(entry.number).padStart(SEQUENCE_DIGITS, '0'),
    data: { [kind]: id, number: entry.number, ...entry.data },
  };
}

/**
 * The questions about a job or a decision have their own source, beside the source of the job's
 * events.
 */
function eventSourceOf(stream: string): {
  readonly kind: 'job' | 'decision' | 'alarm' | 'plan';
  readonly id: string;
  readonly source: string;
} {
  if (isAlarmStream(stream)) return { kind: 'alarm', id: stream, source: `/api/v1/alarms/${stream}` };
  const plan = planIdOfRunbookStream(stream);
  if (plan !== undefined) return { kind: 'plan', id: plan, source: `/api/v1/plans/${plan}/runbook` };
  const about = subjectOfQuestionStream(stream);
  if (about === undefined) return { kind: 'job', id: stream, source: `/api/v1/jobs/${stream}` };
  return isDecisionId(about)
    ? { kind: 'decision', id: about, source: `/api/v1/alert-decisions/${about}#asks` }
    : { kind: 'job', id: about, source: `/api/v1/jobs/${about}#asks` };
}
