import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  RootsListChangedNotificationSchema,
  type CallToolResult,
  type ServerNotification,
  type ServerRequest,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { AgentPorts, AgentTool, ToolCall } from './agent-tool.js';
import { AllowedFiles } from './allowed-files.js';
import { failureInWords } from './tool-failure.js';
import { agentTools, runTool } from './tools.js';

export interface McpServerOptions {
  readonly version: string;
  /** Absolute folders that the person who starts the server allows; empty: any. */
  readonly folders: readonly string[];
  readonly ports: Omit<AgentPorts, 'files'>;
}

const INSTRUCTIONS =
  'Cuts sections out of video files on this machine and joins the rest, exact to the frame. All paths are absolute. Use probe_video to see what a file is, find_pauses to find silence, trim_video to cut, export_video to convert or scale a whole file. No tool changes or overwrites a file.';

/** The tools over the Model Context Protocol, whatever carries it. */
export function createMcpServer({ version, folders, ports }: McpServerOptions): Server {
  const server = new Server(
    { name: 'video-trimmer-in-between', title: 'Video Trimmer', version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  const roots = new ClientRoots(server);
  const files = new AllowedFiles({
    folders: async () =>
      [folders.length > 0 ? folders : undefined, await roots.folders()].filter((list) => list !== undefined),
  });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: agentTools.map(describe) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = agentTools.find(({ name }) => name === params.name);
    if (!tool) {
      const names = agentTools.map(({ name }) => name).join(', ');
      throw new McpError(ErrorCode.InvalidParams, `There is no such tool; there are ${names}.`);
    }
    return await answer(tool, params.arguments ?? {}, { ...ports, files }, callOf(params._meta?.progressToken, extra));
  });
  return server;
}

function describe(tool: AgentTool): Tool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(tool.input, 'input') as Tool['inputSchema'],
    outputSchema: jsonSchema(tool.output, 'output') as Tool['outputSchema'],
    annotations: {
      title: tool.title,
      readOnlyHint: tool.readOnly,
      destructiveHint: false,
      // Asked again, a tool that writes takes the next free name.
      idempotentHint: tool.readOnly,
      openWorldHint: false,
    },
  };
}

/** For tests too: package.json has the same. */
export function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io });
  return rest;
}

async function answer(tool: AgentTool, given: unknown, ports: AgentPorts, call: ToolCall): Promise<CallToolResult> {
  try {
    const { text, data } = await runTool(tool, given, ports, call);
    const structuredContent = data as Record<string, unknown>;
    // The text for the model has the data too: older clients pass nothing else on.
    return { content: [{ type: 'text', text: `${text}\n${JSON.stringify(data)}` }], structuredContent };
  } catch (error) {
    return { content: [{ type: 'text', text: failureInWords(error) }], isError: true };
  }
}

function callOf(
  progressToken: string | number | undefined,
  { signal, sendNotification }: RequestHandlerExtra<ServerRequest, ServerNotification>,
): ToolCall {
  if (progressToken === undefined) return { signal };
  let told = 0;
  const onProgress = (progress: number, message: string): void => {
    // Each must be more than the last (MCP), and nobody sees a thousandth.
    if (progress < told + 0.01 || signal.aborted) return;
    told = progress;
    const params = { progressToken, progress, total: 1, message };
    sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
  };
  return { signal, onProgress };
}

/** The folders that the client works in, where it tells them. */
class ClientRoots {
  readonly #server: Server;
  #known: Promise<readonly string[] | undefined> | undefined;

  constructor(server: Server) {
    this.#server = server;
    server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
      this.#known = undefined;
    });
  }

  /** @returns undefined for a client that knows no roots */
  async folders(): Promise<readonly string[] | undefined> {
    if (!this.#server.getClientCapabilities()?.roots) return undefined;
    this.#known ??= this.#ask();
    try {
      return await this.#known;
    } catch {
      // One that cannot say now is asked again the next time; until then nothing is allowed.
      this.#known = undefined;
      return [];
    }
  }

  async #ask(): Promise<readonly string[]> {
    const { roots } = await this.#server.listRoots();
    return roots.flatMap(({ uri }) => {
      try {
        return [fileURLToPath(uri)];
      } catch {
        return [];
      }
    });
  }
}
