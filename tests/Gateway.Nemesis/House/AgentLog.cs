using System.Globalization;
using Gateway.Nemesis.History;

namespace Gateway.Nemesis.House;

/// <summary>Reads what the fake agent's verb <c>log</c> wrote: <c>start</c> and <c>stop:CODE</c> of every run on one monotonic clock.</summary>
internal static class AgentLog
{
    public static IReadOnlyList<AgentRun> Read(string file)
    {
        var lines = File.Exists(file) ? File.ReadAllLines(file).Select(l => l.Split(' ')).ToList() : [];
        var stops = lines.Where(l => l[0] != "start").ToLookup(l => (l[1], l[2]));
        return
        [
            .. from start in lines
               where start[0] == "start"
               let stop = stops[(start[1], start[2])].FirstOrDefault(l => Ticks(l) >= Ticks(start))
               let run = start[1].Split('/')
               select new AgentRun(Guid.Parse(run[0]), Number(run[1]), Ticks(start), stop is null ? null : Ticks(stop), stop is null ? null : Number(stop[0]["stop:".Length..])),
        ];
    }

    private static long Ticks(string[] line) => long.Parse(line[3], CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
