// Persons are asked what a job or an alert rule needs to know, again and further up until it is
// answered; what is asked no more is told as such.
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { dueNow, type Asked } from './rules/asking.ts';
import { News } from '../outbox/rules/events.ts';
import { isFinalJob } from '../core/states/job.ts';
import { transient } from '../core/errors.ts';
import { readAsking, saveAsking, streamOf } from './askingStore.ts';
import { readJob } from '../journal/job.ts';
import { entriesFrom } from '../journal/outbox.ts';
import { letJoin } from './joining.ts';
import { askingMessage, endMessage, noteMessage } from './messages.ts';
import { linkOf, questionsOfJob, type Note, type Question } from './questions.ts';
import { kick } from './relay.ts';

/** What a job or an alert decision asks now. */
export interface Standing {
  readonly questions: readonly Question[];
  readonly notes: readonly Note[];
  /** What became of what is asked no more. */
  readonly end: string;
  readonly link: string;
  /** In whose name it asks: that of the job, or of the person who saved the alert rule. */
  readonly callerId: string | null;
  /** Once it is written. */
  readonly whenTold?: () => Promise<unknown>;
}

const MOST_TRIES = 10;
/** So many that one batch takes them. The others come a minute later. */
const MOST_AT_ONCE = 40;

/** `areSomeNew`: there may be addresses that do not know of what was asked before. */
export const askAboutJob = (jobId: string, areSomeNew = false): Promise<void> =>
  ask(jobId, () => jobStanding(jobId), areSomeNew);

/** `standingOf`: undefined when nothing is to be asked or told now. */
export async function ask(
  about: string,
  standingOf: () => Promise<Standing | undefined>,
  areSomeNew: boolean,
): Promise<void> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const [before, standing, now] = await Promise.all([readAsking(about), standingOf(), clock().now()]);
    if (!standing) return;
    const questions = standing.questions.slice(0, MOST_AT_ONCE);
    const {
      open,
      ask: again,
      over,
    } = dueNow(before?.open ?? [], questions, now.toISOString(), config().LIFEBOAT_REMIND_MINUTES);
    const notes = standing.notes.filter(({ key }) => !before?.told.includes(key));
    const messages = [
      ...notes.map((note) => noteMessage(note, before?.open ?? [])),
      ...over.map((asked) => endMessage(asked, standing)),
      ...again.flatMap((asked) => askingMessage(asked, questions)),
    ];
    if (messages.length > 0) {
      if (
        !(await saveAsking(
          before,
          {
            about,
            callerId: standing.callerId,
            open,
            told: [...(before?.told ?? []), ...notes.map(({ key }) => key)],
          },
          messages,
          now,
        ))
      )
        continue;
      kick(streamOf(about));
    } else if (areSomeNew && open.length > 0) {
      await letJoin(streamOf(about), (last) => firstOfOpen(about, open, last));
    }
    await standing.whenTold?.();
    return;
  }
  throw transient('AskingContended', `Others ask about ${about} at the same time. It will be tried again.`);
}

/** The number of the message, the oldest of those that ask what is still asked, as they were sent last. */
async function firstOfOpen(about: string, open: readonly Asked[], last: number): Promise<number> {
  const entries = await entriesFrom(streamOf(about), 1, last, last);
  const asks = entries.filter(
    ({ news, subject, data }) =>
      news === News.questionAsked &&
      open.some((asked) => asked.subject === subject && asked.times === data['times']),
  );
  return asks.at(-open.length)?.number ?? last + 1;
}

async function jobStanding(jobId: string): Promise<Standing | undefined> {
  const job = await readJob(jobId);
  if (!job) return undefined;
  const questions = job.state === 'running' ? questionsOfJob(job) : [];
  return {
    questions,
    notes: [],
    end: isFinalJob(job.state)
      ? `The job has ended: ${job.state}.`
      : 'It was answered, or is no question any more.',
    link: linkOf('jobs', jobId),
    callerId: job.caller.id,
  };
}
