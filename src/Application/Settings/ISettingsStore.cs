namespace PayRecharge.Application.Settings;

/// <summary>The settings in the database, read through a cache of a few seconds.</summary>
public interface ISettingsStore
{
    /// <summary>The settings; a change made on another instance shows within seconds.</summary>
    ValueTask<RechargeSettings> GetAsync(CancellationToken cancellationToken);

    /// <summary>The settings as they stand in the database now: what a change has to be based on.</summary>
    Task<RechargeSettings> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Stores settings and shows them at once on this instance.</summary>
    /// <param name="basis">The settings as they were read.</param>
    /// <param name="settings">What they are to be.</param>
    /// <param name="change">The change that this is part of.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when somebody else changed them since <paramref name="basis"/> was read.</returns>
    Task<bool> TrySaveAsync(RechargeSettings basis, RechargeSettings settings, CurrentChange change, CancellationToken cancellationToken);
}
