using System.Diagnostics;
using OpenTelemetry;

namespace Gateway.Hosting.Telemetry;

/// <summary>
/// Takes the words of a failed call off the spans of the MCP library before they are sent: it copies the answer there, and an answer names
/// the values of its caller. That it failed, and of which kind, stays.
/// </summary>
internal sealed class QuietSpans : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == HostingTelemetry.Mcp && data.StatusDescription is not null)
        {
            data.SetStatus(data.Status);
        }
    }
}
