// A sample of the relay's deaths by SIGKILL: each of its writes in one moment or two. `npm run
// chaos` plays them all.
import { startEventEnvironment, type EventEnvironment } from '../support/event-environment.ts';
import { runRelayKill, RELAY_BOUNDARIES } from './relay-kills.ts';

const SAMPLE = RELAY_BOUNDARIES.filter((_boundary, place) => place % 2 === 1);

let environment: EventEnvironment;
beforeAll(async () => {
  environment = await startEventEnvironment(SAMPLE.length);
});
afterAll(() => environment.stop());

test.each(SAMPLE.map((boundary, index) => ({ ...boundary, index })))(
  'the relay killed at "$name" loses no event [TRG-5]',
  ({ index, ...boundary }) => runRelayKill(environment, boundary, index),
);
