// The events in docs/events.md: by heading, with their fields and one example each.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudEvent as SdkEvent, HTTP } from 'cloudevents';
import { CONTENT_TYPE, type CloudEvent } from '../../shared/delivery/cloudEvent.ts';

export interface DocumentedEvent {
  readonly type: string;
  /** The fields of its data, in the order of the table. */
  readonly fields: readonly string[];
  /** Null when it is not an event of a job. */
  readonly example: CloudEvent | null;
}

const eventsDocument = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'events.md'), 'utf8');

export const DOCUMENTED_EVENTS: readonly DocumentedEvent[] = eventsDocument
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [type = ''] = section.split('\n');
    const example = /```json\n(.*?)```/s.exec(section)?.[1];
    return {
      type,
      fields: [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field ?? ''),
      example: example === undefined ? null : (JSON.parse(example) as CloudEvent),
    };
  });

/** The SDK of CloudEvents accepts the event, and reads the same event from a structured message. */
export function assertValidCloudEvent(event: CloudEvent): void {
  assert.doesNotThrow(() => new SdkEvent({ ...event }, true));
  const read = HTTP.toEvent({ headers: { 'content-type': CONTENT_TYPE }, body: JSON.stringify(event) });
  assert(read instanceof SdkEvent);
  const { data, ...context } = event;
  for (const [name, value] of Object.entries(context)) assert.deepEqual(read[name], value);
  assert.deepEqual(read.data, data);
}

/** Every sent event has its documented fields, and no others. */
export function assertDocumentedEvents(events: readonly CloudEvent[]): void {
  for (const event of events) {
    assertValidCloudEvent(event);
    const documented = DOCUMENTED_EVENTS.find(({ type }) => type === event.type);
    assert.deepEqual(
      {
        type: event.type,
        fields: Object.keys(event.data)
          .filter((field) => !['job', 'decision', 'alarm', 'number'].includes(field))
          .sort(),
      },
      { type: event.type, fields: documented?.fields.toSorted() },
    );
    if (documented?.example)
      assert.deepEqual(Object.keys(event).sort(), Object.keys(documented.example).sort());
  }
}
