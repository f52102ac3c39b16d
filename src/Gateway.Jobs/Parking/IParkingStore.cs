namespace Gateway.Jobs.Parking;

/// <summary>The parked jobs and the gates of their credentials. Implemented by Storage.</summary>
public interface IParkingStore
{
    /// <summary>
    /// Reports, in one commit, parked jobs whose time has come, and waiting jobs behind a closed gate whose callers do not want to
    /// wait; removes gates that keep nobody back. Of two sweeps at once one reports a parking.
    /// </summary>
    /// <param name="now">Store clock.</param>
    /// <param name="most">Most jobs of each kind.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>How many parkings have ended, and how many jobs are told of the limit.</returns>
    Task<(int Ended, int Told)> SweepAsync(DateTimeOffset now, int most, CancellationToken cancellationToken);
}
