// An entry of the outbox as a CloudEvent 1.0. The same entry is always the same event, byte for byte.
import type { EventDocument } from '../outbox/documents.ts';
import { isAlarmStream } from '../core/ids.ts';
import { subjectOfQuestionStream, isDecisionId } from './questionReminderStore.ts';
import { planIdOfRunbookStream } from './runbookStore.ts';

export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The extension "sequence": compares as text, from 1 on and without holes within one source. */
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';
const SEQUENCE_DIGITS = 10;

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
 * What persons are asked about a job, or about a decision, is a source beside that of the job's own
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
