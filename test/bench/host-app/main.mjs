// Fans out over activities that do nothing, and reports the elapsed time by the clock of this
// process.
import * as df from 'durable-functions';

const SHARD = 100;

df.app.activity('step', { handler: (input) => input });
df.app.activity('moment', { handler: () => performance.now() });

df.app.orchestration('plain', function* (context) {
  const from = yield context.df.callActivity('moment');
  yield fanOut(context, context.df.getInput());
  return (yield context.df.callActivity('moment')) - from;
});

df.app.orchestration('sharded', function* (context) {
  const from = yield context.df.callActivity('moment');
  yield context.df.Task.all(
    Array.from({ length: context.df.getInput() / SHARD }, () =>
      context.df.callSubOrchestrator('shard', SHARD),
    ),
  );
  return (yield context.df.callActivity('moment')) - from;
});

df.app.orchestration('shard', function* (context) {
  return (yield fanOut(context, context.df.getInput())).length;
});

function fanOut(context, count) {
  return context.df.Task.all(
    Array.from({ length: count }, (_, index) => context.df.callActivity('step', index)),
  );
}
