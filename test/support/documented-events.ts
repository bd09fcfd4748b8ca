// The events as docs/events.md tells them: by heading, with their fields and an example each.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudEvent as SdkEvent, HTTP } from 'cloudevents';
import { CONTENT_TYPE, type CloudEvent } from '../../shared/delivery/cloudEvent.ts';

export interface DocumentedEvent {
  readonly type: string;
  /** Of its data, as the table lists them. */
  readonly fields: readonly string[];
  /** Null for what is no news of a job. */
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

/** The SDK of CloudEvents finds the event valid and reads the same event from a structured message. */
export function assertValidCloudEvent(event: CloudEvent): void {
  assert.doesNotThrow(() => new SdkEvent({ ...event }, true));
  const read = HTTP.toEvent({ headers: { 'content-type': CONTENT_TYPE }, body: JSON.stringify(event) });
  assert(read instanceof SdkEvent);
  const { data, ...context } = event;
  for (const [name, value] of Object.entries(context)) assert.deepEqual(read[name], value);
  assert.deepEqual(read.data, data);
}

/** Whatever is sent has the fields that are documented for it, and no other. */
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
