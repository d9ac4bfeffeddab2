namespace PayRecharge.Domain;

/// <summary>A request was refused for a reason that its sender may see. The step that throws this has changed nothing.</summary>
/// <param name="refusal">The reason.</param>
/// <param name="detail">Details for the log and for admins; never a secret, never sent to legacy clients.</param>
public sealed class RefusedException(Refusal refusal, string? detail = null)
    : Exception(detail is null ? refusal.ToString() : $"{refusal}: {detail}")
{
    /// <summary>The reason.</summary>
    public Refusal Refusal { get; } = refusal;
}
