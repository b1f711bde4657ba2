import {
  BaseAgent,
  BaseLlm,
  createEvent,
  FunctionTool,
  LlmAgent,
  type BaseLlmConnection,
  type CreateEventParams,
  type Event,
  type InvocationContext,
  type LlmRequest,
  type LlmResponse,
} from '@google/adk';

/** What the agent does instead of thinking; it comes as JSON in the message of the person. */
export interface Script {
  /** Yielded as they are. */
  readonly events?: readonly CreateEventParams[];
  /** What the model of an ADK agent answers, call by call; its events are the ADK's own work. */
  readonly model?: readonly (readonly LlmResponse[])[];
  /** After the events the agent works on for ever, without a word. */
  readonly neverEnds?: boolean;
  /** Thrown at the end. */
  readonly failure?: string;
}

class ScriptedModel extends BaseLlm {
  answers: (readonly LlmResponse[])[] = [];

  constructor() {
    super({ model: 'scripted' });
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async *generateContentAsync(_request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    yield* this.answers.shift() ?? [];
  }

  connect(): Promise<BaseLlmConnection> {
    return Promise.reject(new Error('There is no live connection.'));
  }
}

class ScriptedAgent extends BaseAgent {
  readonly #model: ScriptedModel;
  readonly #thinking: LlmAgent;

  constructor() {
    const model = new ScriptedModel();
    const cut = new FunctionTool({
      name: 'cut',
      description: 'Removes a section.',
      execute: () => ({ removed: '0:45–1:20', text: 'not for the person' }),
    });
    const thinking = new LlmAgent({ name: 'thinking_agent', model, tools: [cut] });
    super({ name: 'nemo_agent', description: 'Plays what it is told.', subAgents: [thinking] });
    this.#model = model;
    this.#thinking = thinking;
  }

  protected override async *runAsyncImpl(context: InvocationContext): AsyncGenerator<Event, void, void> {
    const script = JSON.parse(context.userContent?.parts?.[0]?.text ?? '{}') as Script;
    for (const event of script.events ?? []) {
      yield createEvent({ author: this.name, ...event, invocationId: context.invocationId });
    }
    if (script.neverEnds) await new Promise(() => undefined);
    if (script.model) {
      this.#model.answers = [...script.model];
      yield* this.#thinking.runAsync(context);
    }
    if (script.failure !== undefined) throw new Error(script.failure);
  }

  // eslint-disable-next-line require-yield, @typescript-eslint/require-await
  protected override async *runLiveImpl(): AsyncGenerator<Event, void, void> {
    throw new Error('There is no live connection.');
  }
}

export const rootAgent = new ScriptedAgent();
