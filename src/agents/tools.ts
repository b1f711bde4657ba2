import type { AgentPorts, AgentTool, ToolAnswer, ToolCall } from './agent-tool.js';
import { exportVideo } from './export-video.js';
import { findPauses } from './find-pauses.js';
import { probeVideo } from './probe-video.js';
import { readInput } from './tool-input.js';
import { trimVideo } from './trim-video.js';

/** The tools that agents have, through whichever door they come. */
export const agentTools: readonly AgentTool[] = [trimVideo, exportVideo, findPauses, probeVideo];

/** @throws as `AgentTool.run` does */
export async function runTool(
  tool: AgentTool,
  input: unknown,
  ports: AgentPorts,
  call: ToolCall,
): Promise<ToolAnswer<unknown>> {
  call.signal.throwIfAborted();
  return await tool.run(readInput(tool.input, input), ports, call);
}
