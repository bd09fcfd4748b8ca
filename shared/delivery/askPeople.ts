// Persons are asked what a job or an alert rule needs to know, again and further up until it is
// answered; what is asked no more is told as such.
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { dueQuestions, type AskedQuestion } from './rules/questionReminders.ts';
import { EventName } from '../outbox/rules/events.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { transient } from '../core/errors.ts';
import { readQuestionReminders, saveQuestionReminders, questionStreamOf } from './questionReminderStore.ts';
import { readJob } from '../journal/job.ts';
import { listEvents } from '../journal/outbox.ts';
import { addNewTargets } from './addNewTargets.ts';
import { reminderMessages, endedMessage, noteMessage } from './questionMessages.ts';
import { apiLinkOf, questionsOfJob, type Note, type Question } from './questions.ts';
import { startDelivery } from './relay.ts';

/** What a job or an alert decision asks now. */
export interface OpenQuestions {
  readonly questions: readonly Question[];
  readonly notes: readonly Note[];
  /** What became of what is asked no more. */
  readonly endText: string;
  readonly link: string;
  /** In whose name it asks: that of the job, or of the person who saved the alert rule. */
  readonly callerId: string | null;
  /** Once it is written. */
  readonly afterSave?: () => Promise<unknown>;
}

const MAX_TRIES = 10;
/** So many that one batch takes them. The others come a minute later. */
const MAX_QUESTIONS = 40;

/** `areSomeNew`: there may be addresses that do not know of what was asked before. */
export const askAboutJob = (jobId: string, withNewCallbacks = false): Promise<void> =>
  sendQuestions(jobId, () => readJobQuestions(jobId), withNewCallbacks);

/** `standingOf`: undefined when nothing is to be asked or told now. */
export async function sendQuestions(
  about: string,
  readOpenQuestions: () => Promise<OpenQuestions | undefined>,
  withNewCallbacks: boolean,
): Promise<void> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const [before, openQuestions, now] = await Promise.all([
      readQuestionReminders(about),
      readOpenQuestions(),
      clock().now(),
    ]);
    if (!openQuestions) return;
    const questions = openQuestions.questions.slice(0, MAX_QUESTIONS);
    const { open, toAsk, ended } = dueQuestions(
      before?.open ?? [],
      questions,
      now.toISOString(),
      config().LIFEBOAT_REMIND_MINUTES,
    );
    const notes = openQuestions.notes.filter(({ key }) => !before?.told.includes(key));
    const messages = [
      ...notes.map((note) => noteMessage(note, before?.open ?? [])),
      ...ended.map((asked) => endedMessage(asked, openQuestions)),
      ...toAsk.flatMap((asked) => reminderMessages(asked, questions)),
    ];
    if (messages.length > 0) {
      if (
        !(await saveQuestionReminders(
          before,
          {
            about,
            callerId: openQuestions.callerId,
            open,
            told: [...(before?.told ?? []), ...notes.map(({ key }) => key)],
          },
          messages,
          now,
        ))
      )
        continue;
      startDelivery(questionStreamOf(about));
    } else if (withNewCallbacks && open.length > 0) {
      await addNewTargets(questionStreamOf(about), (last) => findFirstOpenMessage(about, open, last));
    }
    await openQuestions.afterSave?.();
    return;
  }
  throw transient('AskingContended', `Others ask about ${about} at the same time. It will be tried again.`);
}

/** The number of the message, the oldest of those that ask what is still asked, as they were sent last. */
async function findFirstOpenMessage(
  about: string,
  open: readonly AskedQuestion[],
  last: number,
): Promise<number> {
  const events = await listEvents(questionStreamOf(about), 1, last, last);
  const openEvents = events.filter(
    ({ news, subject, data }) =>
      news === EventName.questionAsked &&
      open.some((asked) => asked.subject === subject && asked.times === data['times']),
  );
  return openEvents.at(-open.length)?.number ?? last + 1;
}

async function readJobQuestions(jobId: string): Promise<OpenQuestions | undefined> {
  const job = await readJob(jobId);
  if (!job) return undefined;
  const questions = job.state === 'running' ? questionsOfJob(job) : [];
  return {
    questions,
    notes: [],
    endText: isFinalJobState(job.state)
      ? `The job has ended: ${job.state}.`
      : 'It was answered, or is no question any more.',
    link: apiLinkOf('jobs', jobId),
    callerId: job.caller.id,
  };
}
