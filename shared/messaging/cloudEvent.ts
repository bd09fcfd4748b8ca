// An entry of the outbox as a CloudEvent 1.0. The same entry is always the same event, byte for byte.
import type { EntryDocument } from '../store/documents.ts';

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

export const eventOf = (entry: EntryDocument): CloudEvent => ({
  specversion: '1.0',
  id: `${entry.jobId}:${entry.number}`,
  source: `/api/v1/jobs/${entry.jobId}`,
  type: entry.news,
  subject: entry.subject,
  time: entry.at,
  datacontenttype: 'application/json',
  sequence: String(entry.number).padStart(SEQUENCE_DIGITS, '0'),
  data: { job: entry.jobId, number: entry.number, ...entry.data },
});
