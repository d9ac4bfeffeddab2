namespace PayRecharge.Domain.Accounts;

/// <summary>How a client refers to an account.</summary>
public enum AccountReferenceKind
{
    /// <summary>By user name, even if it looks like a number.</summary>
    UserName,
    /// <summary>By user id.</summary>
    Uid,
    /// <summary>By e-mail.</summary>
    Email,
}

/// <summary>A client's reference to an account.</summary>
/// <param name="Kind">The kind of the text.</param>
/// <param name="Text">The name, id or e-mail as sent.</param>
public readonly record struct AccountReference(AccountReferenceKind Kind, string Text);
