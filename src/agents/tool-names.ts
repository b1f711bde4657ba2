/** As package.json and MCP clients have them. */
export const TOOL_NAMES = ['trim_video', 'export_video', 'find_pauses', 'probe_video'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];
