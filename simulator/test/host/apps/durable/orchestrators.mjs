// The orchestrators of the durable test app. The tests of the host start them by name.

import * as df from 'durable-functions';

const hours = (count) => count * 3_600_000;
const later = (context, milliseconds) => new Date(context.df.currentUtcDateTime.getTime() + milliseconds);

df.app.orchestration('input', function* (context) {
  return { input: context.df.getInput() ?? null, version: context.df.version ?? null };
});

df.app.orchestration('kindOfTimestamp', function* (context) {
  return context.df.getInput().Timestamp.constructor.name;
});

df.app.orchestration('statusIs', function* (context) {
  context.df.setCustomStatus(context.df.getInput());
});

df.app.orchestration('nothingToWaitFor', function* (context) {
  yield context.df.Task.all([]);
});

df.app.orchestration('textAgain', function* (context) {
  const input = context.df.getInput();
  if (input !== 'first') return input;
  context.df.continueAsNew('a "second" text');
});

df.app.orchestration('greeting', function* (context) {
  return yield context.df.callActivity('hello', context.df.getInput());
});

df.app.orchestration('identities', function* (context) {
  return [
    yield context.df.callActivity('whoami'),
    yield context.df.callActivity('whoami', { a: [1, null] }),
    yield context.df.callActivity('whoami', 'text'),
    yield context.df.callActivity('whoami', false),
  ];
});

df.app.orchestration('fanOut', function* (context) {
  const count = context.df.getInput();
  const results = yield context.df.Task.all(
    Array.from({ length: count }, (_, index) => context.df.callActivity('echo', index)),
  );
  return { count: results.length, inOrder: results.every((value, index) => value === index) };
});

// One of the tasks fails at once. The other one takes an hour.
df.app.orchestration('failsInAll', function* (context) {
  const { then } = context.df.getInput();
  const from = context.df.currentUtcDateTime.getTime();
  const passed = () => (context.df.currentUtcDateTime.getTime() - from) / hours(1);
  const failing = context.df.callActivity('flaky', { key: context.df.instanceId, fails: 1 });
  const sleeping = context.df.createTimer(later(context, hours(1)));
  try {
    const all = context.df.Task.all([failing, sleeping]);
    yield then === 'in any' ? context.df.Task.any([all, context.df.waitForExternalEvent('go')]) : all;
  } catch {
    context.df.setCustomStatus('caught');
  }
  const caughtAfter = passed();
  if (then === 'nothing') return { caughtAfter };
  if (then === 'throw') throw new Error('after all');
  if (then === 'again') {
    context.df.continueAsNew({ then: 'nothing' });
    return undefined;
  }
  const runs = yield context.df.callActivity('flaky', { key: context.df.instanceId, fails: 0 });
  return { caughtAfter, runs, passed: passed() };
});

df.app.orchestration('sleeper', function* (context) {
  const from = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(later(context, context.df.getInput()));
  return context.df.currentUtcDateTime.getTime() - from;
});

df.app.orchestration('hoursAsleep', function* (context) {
  const from = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(later(context, hours(context.df.getInput())));
  return (context.df.currentUtcDateTime.getTime() - from) / hours(1);
});

df.app.orchestration('timerRace', function* (context) {
  const deadline = context.df.createTimer(later(context, hours(1)));
  const winner = yield context.df.Task.any([context.df.callActivity('echo', 'activity'), deadline]);
  if (!deadline.isCompleted) deadline.cancel();
  yield context.df.callActivity('echo', 1);
  yield context.df.createTimer(later(context, 1_000));
  return winner === deadline ? 'deadline' : winner.result;
});

df.app.orchestration('eventThenSleep', function* (context) {
  const first = yield context.df.waitForExternalEvent('first');
  const second = yield context.df.waitForExternalEvent('second');
  return [first, second];
});

df.app.orchestration('waiter', function* (context) {
  context.df.setCustomStatus({ waiting: true });
  return yield context.df.waitForExternalEvent('go');
});

df.app.orchestration('eventRace', function* (context) {
  const timer = context.df.createTimer(later(context, hours(1)));
  const winner = yield context.df.Task.any([context.df.waitForExternalEvent('go'), timer]);
  if (winner === timer) return 'timeout';
  timer.cancel();
  return winner.result;
});

// Consumes one event a turn. Events that come in the meantime must not be lost.
df.app.orchestration('collector', function* (context) {
  const { wanted, got } = context.df.getInput();
  const value = yield context.df.waitForExternalEvent('item');
  const all = [...got, value];
  if (all.length === wanted) return all;
  context.df.continueAsNew({ wanted, got: all });
});

// The same, after a race that the event loses: the orchestrator yields the pending wait again.
df.app.orchestration('lateCollector', function* (context) {
  const { wanted, got } = context.df.getInput();
  const wait = context.df.waitForExternalEvent('item');
  yield context.df.Task.any([wait, context.df.callActivity('echo', 1)]);
  const value = yield wait;
  const all = [...got, value];
  if (all.length === wanted) return all;
  context.df.continueAsNew({ wanted, got: all });
});

df.app.orchestration('counter', function* (context) {
  const { left, text } = context.df.getInput();
  yield context.df.callActivity('echo', left);
  if (left === 0) return text;
  context.df.continueAsNew({ left: left - 1, text });
});

df.app.orchestration('forever', function* (context) {
  yield context.df.createTimer(later(context, hours(24)));
  context.df.continueAsNew(null);
});

df.app.orchestration('retried', function* (context) {
  const { key, fails, attempts, backoff } = context.df.getInput();
  const options = new df.RetryOptions(1_000, attempts);
  if (backoff) options.backoffCoefficient = backoff;
  const from = context.df.currentUtcDateTime.getTime();
  try {
    const tries = yield context.df.callActivityWithRetry('flaky', options, { key, fails });
    return { tries, seconds: (context.df.currentUtcDateTime.getTime() - from) / 1_000 };
  } catch (error) {
    return {
      gaveUp: error.message.split('\n')[0].trim(),
      seconds: (context.df.currentUtcDateTime.getTime() - from) / 1_000,
    };
  }
});

df.app.orchestration('flakyChild', function* (context) {
  return yield context.df.callActivity('flaky', context.df.getInput());
});

df.app.orchestration('retriedChild', function* (context) {
  const { key, fails, attempts, childId } = context.df.getInput();
  return yield context.df.callSubOrchestratorWithRetry(
    'flakyChild',
    new df.RetryOptions(1_000, attempts),
    { key, fails },
    childId,
  );
});

df.app.orchestration('child', function* (context) {
  return { input: context.df.getInput(), parent: context.df.parentInstanceId, id: context.df.instanceId };
});

df.app.orchestration('parent', function* (context) {
  const { df: d } = context;
  return yield d.Task.all([
    d.callSubOrchestrator('child', { a: 1 }),
    d.callSubOrchestrator('child', 'text', `${d.instanceId}-named`),
  ]);
});

df.app.orchestration('parentOf', function* (context) {
  const { name, input, id } = context.df.getInput();
  try {
    return { answer: yield context.df.callSubOrchestrator(name, input, id) };
  } catch (error) {
    return { failed: error.message };
  }
});

df.app.orchestration('failing', function* (context) {
  yield context.df.callActivity('echo', 1);
  throw new Error(`no luck with ${context.df.getInput()}`);
});

df.app.orchestration('calls', function* (context) {
  const { name, input } = context.df.getInput();
  try {
    return yield context.df.callActivity(name, input);
  } catch (error) {
    return { failed: error.message.split('\n')[0].trim() };
  }
});

df.app.orchestration('largeOutput', function* (context) {
  return 'x'.repeat(context.df.getInput());
});

df.app.orchestration('largeStatus', function* (context) {
  context.df.setCustomStatus('x'.repeat(context.df.getInput()));
  return 'done';
});

df.app.orchestration('bigNumber', function* (context) {
  yield context.df.callActivity('echo', { big: 1n });
});

df.app.orchestration('signals', function* (context) {
  context.df.signalEntity(new df.EntityId('counter', 'a'), 'add', 1);
  yield context.df.callActivity('echo', 1);
});

df.app.entity('tally', (context) => context.df.return(1));
df.app.orchestration('callsEntity', function* (context) {
  try {
    return yield context.df.callEntity(new df.EntityId('tally', 'a'), 'get');
  } catch (error) {
    return { caught: error.message };
  }
});

df.app.orchestration('callsHttp', function* (context) {
  return yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/' });
});

df.app.orchestration('twice', function* (context) {
  const { df: d } = context;
  const slow = d.waitForExternalEvent('never');
  yield d.Task.any([slow, d.callActivity('echo', 1)]);
  yield d.Task.any([slow, d.callActivity('echo', 2)]);
});

// Behaves like a new deployment with other code, while instances wait.
df.app.orchestration('changed', function* (context) {
  const change = process.env.CHANGE;
  if (change !== 'nothing at all')
    yield context.df.callActivity(change === 'another activity' ? 'size' : 'echo', 'x');
  return yield context.df.waitForExternalEvent('go');
});

if (process.env.CHANGE !== 'gone') {
  df.app.orchestration('removed', function* (context) {
    yield context.df.callActivity('echo', 1);
    return yield context.df.waitForExternalEvent('go');
  });
}

// Uses everything at once, for the kill tests: activities, a timer, an event, sub-orchestrations,
// continue-as-new.
df.app.orchestration('everything', function* (context) {
  const { df: d } = context;
  const { key, count, round } = d.getInput();
  const activities = Array.from({ length: count }, (_, index) =>
    d.callActivity('noted', { name: `${key}-${round}-${index}`, milliseconds: 20 }),
  );
  const [names] = yield d.Task.all([
    d.Task.all(activities),
    d.createTimer(later(context, 50)),
    d.callSubOrchestrator('everyChild', `${key}-${round}`),
  ]);
  if (round === 0) {
    d.continueAsNew({ key, count, round: 1 });
    return undefined;
  }
  const go = yield d.waitForExternalEvent('go');
  return {
    activities: names.length,
    inOrder: names.every((name, index) => name === `${key}-${round}-${index}`),
    go,
  };
});

df.app.orchestration('everyChild', function* (context) {
  yield context.df.createTimer(later(context, 30));
  return yield context.df.callActivity('noted', { name: `${context.df.getInput()}-child`, milliseconds: 5 });
});
