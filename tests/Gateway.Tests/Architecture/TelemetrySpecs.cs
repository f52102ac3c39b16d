using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Architecture;

/// <summary>
/// Every source, meter, instrument, span and tag of ours, against the approved text: dashboards and alerts name them, so that a change of
/// one is a review and a note to operators.
/// </summary>
public sealed class TelemetrySpecs
{
    private const string Approved = "tests/Gateway.Tests/Architecture/telemetry.approved.txt";
    private static readonly string[] Projects = ["Contracts", "Policies", "Jobs", "Execution", "Processes", "SagaPersistence", "Storage", "Hosting", "Api"];

    [Fact]
    public void Names_are_as_approved()
    {
        var actual = Print();
        var file = RepositoryFiles.Path(Approved);
        if (!File.Exists(file) || File.ReadAllText(file) != actual)
        {
            File.WriteAllText(file.Replace(".approved.", ".received.", StringComparison.Ordinal), actual);
        }

        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", actual);
    }

    private static string Print()
    {
        var instruments = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("Gateway.", StringComparison.Ordinal))
            {
                instruments[$"{instrument.Meter.Name} {instrument.Name}"] = $"{Kind(instrument)} [{instrument.Unit}] {instrument.Description}";
            }
        };
        listener.Start();
        var text = new StringBuilder();
        foreach (var type in Projects.Select(name => Assembly.Load($"Gateway.{name}")).SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal) && type.IsAbstract && type.IsSealed).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            text.Append(type.FullName).Append('\n');
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                var said = field switch
                {
                    { IsLiteral: true, IsPublic: true } => $"{field.Name} = {field.GetRawConstantValue()}",
                    _ when field.GetValue(null) is ActivitySource source => $"source {source.Name}",
                    _ => null,
                };
                text.Append(said is null ? "" : $"  {said}\n");
            }
        }

        text.Append("instruments\n");
        foreach (var (name, what) in instruments)
        {
            text.Append("  ").Append(name).Append(" : ").Append(what).Append('\n');
        }

        return text.ToString();
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0];
}
