using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>A completed job gives the answer that only its own prompt asks for.</summary>
internal sealed class AnswersAreTheJobsOwn() : Check("I6 I11 a job's answer is its own")
{
    protected override IEnumerable<string?> Look(RunHistory history) =>
        from story in history.Stories
        where story.Collected is not null
        select Unless(story.Collected == story.Answer, $"{story.Accepted[0]} ({story.Kind}) answered '{story.Collected}', not '{story.Answer}'");
}
