namespace Gateway.Jobs.Lifecycle;

/// <summary>Whether what a job was asked for and what it brought are still stored. The row keeps the number.</summary>
public enum JobContent
{
    /// <summary>All of it.</summary>
    Kept = 0,

    /// <summary>Retention is removing it in small pieces: nobody is shown the rest.</summary>
    Leaving = 1,

    /// <summary>Nothing of it; the row still tells how the job ended.</summary>
    Gone = 2,
}
