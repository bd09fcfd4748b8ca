// The activities of the test orchestrators. They write each run to a file, so that a test can count
// the runs after a kill.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as df from 'durable-functions';

const note = (text) => {
  if (process.env.RUNS_FILE) appendFileSync(process.env.RUNS_FILE, `${text}\n`);
};

df.app.activity('echo', { handler: (input) => input });

df.app.activity('hello', { handler: (name) => `Hello ${name}` });

df.app.activity('noted', {
  handler: async (input) => {
    note(input.name);
    await sleep(input.milliseconds ?? 0);
    return input.name;
  },
});

df.app.activity('whoami', {
  handler: (input, context) => ({
    input: input ?? 'nothing',
    instanceId: context.triggerMetadata.instanceId,
  }),
});

const failures = new Map();
/** Fails the given number of times, then returns the number of tries. */
df.app.activity('flaky', {
  handler: ({ key, fails }) => {
    const tries = (failures.get(key) ?? 0) + 1;
    failures.set(key, tries);
    note(key);
    if (tries <= fails) throw new Error(`try ${tries} of ${key}`);
    return tries;
  },
});

df.app.activity('large', { handler: ({ bytes }) => 'x'.repeat(bytes) });
df.app.activity('size', { handler: (text) => text.length });

df.app.activity('startNew', {
  extraInputs: [df.input.durableClient()],
  handler: (input, context) =>
    df.getClient(context).startNew(input.name, { instanceId: input.id, input: input.input }),
});
